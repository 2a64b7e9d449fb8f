-- Reads what a decision about a session needs. Arguments: session.lua.
return found('loaded')
