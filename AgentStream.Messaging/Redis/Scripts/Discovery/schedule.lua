-- Puts a session into an index, or its time forward.
-- An earlier time stays, but for a microsecond: whoever is about to take it out then notices (look.lua). KEYS: the index.
-- args: session; at, when to look at it.
local index = unpack(KEYS)
local at = redis.call('ZSCORE', index, args.session)
if at and tonumber(at) <= tonumber(args.at) then
  redis.call('ZINCRBY', index, -1, args.session)
else
  redis.call('ZADD', index, args.at, args.session)
end
return {}
