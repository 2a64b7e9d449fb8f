-- What is due in an index (a sorted set of sessions by the time at which to look at them). KEYS: the index.
-- args: limit; put_off, by how many microseconds to put off what is handed out, so that others do not take it too (0: not at all).
-- Returns session and score of each: first those whose time has come, then hints (scores far below any time), each in its order;
-- and now, where there are any.
local index = unpack(KEYS)

-- Mostly nothing is, and whoever looks does so every second: then one command has to do, or two.
local _, first = unpack(redis.call('ZRANGE', index, 0, 0, 'WITHSCORES'))
if not first then
  return { 'due', {} }
end
local time = now()
if tonumber(first) > tonumber(time) then
  return { 'now', time, 'due', {} }
end
local limit = tonumber(args.limit)
local due = redis.call('ZRANGEBYSCORE', index, '1e12', time, 'WITHSCORES', 'LIMIT', 0, limit)
if #due / 2 < limit then
  for _, item in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', '(1e12', 'WITHSCORES', 'LIMIT', 0, limit - #due / 2)) do
    due[#due + 1] = item
  end
end
if tonumber(args.put_off) > 0 then
  for i = 1, #due, 2 do
    -- Taken out and put in again, because a full memory refuses what begins with putting in, and what is due here makes room.
    redis.call('ZREM', index, due[i])
    redis.call('ZADD', index, int(time + args.put_off), due[i])
    due[i + 1] = redis.call('ZSCORE', index, due[i])
  end
end
return { 'now', time, 'due', due }
