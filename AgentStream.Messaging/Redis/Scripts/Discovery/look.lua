-- Moves a session in an index, or takes it out, if nobody else has touched it. KEYS: the index.
-- ARGV: the session, its score as it was read, the new score (or nothing).
if redis.call('ZSCORE', KEYS[1], ARGV[1]) ~= ARGV[2] then
  return 0
end
-- Out in any case, and in again: a full memory refuses what begins with putting in, and looks are how it gets room.
redis.call('ZREM', KEYS[1], ARGV[1])
if ARGV[3] ~= '' then
  redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
end
return 1
