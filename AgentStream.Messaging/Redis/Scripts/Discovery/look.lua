-- Moves a session in an index, or takes it out, if nobody else has touched it. KEYS: the index.
-- args: session; score, as it was read; at, the new score (or nothing).
local index = unpack(KEYS)
if redis.call('ZSCORE', index, args.session) ~= args.score then
  return {}
end
-- Out in any case, and in again: a full memory refuses what begins with putting in, and looks are how it gets room.
redis.call('ZREM', index, args.session)
if args.at then
  redis.call('ZADD', index, args.at, args.session)
end
return {}
