-- Puts a session into an index, or its time forward.
-- An earlier time stays, but for a microsecond: whoever is about to take it out then notices (look.lua). KEYS: the index.
-- ARGV: the session, when to look at it.
local at = redis.call('ZSCORE', KEYS[1], ARGV[1])
if at and tonumber(at) <= tonumber(ARGV[2]) then
  redis.call('ZINCRBY', KEYS[1], -1, ARGV[1])
else
  redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
end
return 1
