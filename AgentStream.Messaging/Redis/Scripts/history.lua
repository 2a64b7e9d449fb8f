-- The id of the data's history on this server. Redis gives itself another one with each start and each promotion,
-- so that within one id nothing was lost or taken back. Empty where the server does not tell (INFO is not allowed).
local function history()
  local info = redis.pcall('INFO', 'replication')
  return type(info) == 'string' and string.match(info, 'master_replid:(%x+)') or ''
end
