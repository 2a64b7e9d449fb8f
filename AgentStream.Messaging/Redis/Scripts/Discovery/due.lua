-- What is due in an index (a sorted set of sessions by the time at which to look at them). KEYS: the index.
-- ARGV: now (tests only), how many, and by how many microseconds to put off what is handed out,
-- so that others do not take it too (0: not at all).
-- Returns now, then session and score of each: first those whose time has come, then hints (scores far below any time), each in its order.
local time = redis.call('TIME')
local now = ARGV[1] ~= '' and tonumber(ARGV[1]) or tonumber(time[1]) * 1000000 + tonumber(time[2])
local limit = tonumber(ARGV[2])
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '1e12', string.format('%.0f', now), 'WITHSCORES', 'LIMIT', 0, limit)
if #due / 2 < limit then
  for _, item in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(1e12', 'WITHSCORES', 'LIMIT', 0, limit - #due / 2)) do
    due[#due + 1] = item
  end
end
if tonumber(ARGV[3]) > 0 then
  for i = 1, #due, 2 do
    -- Taken out and put in again, because a full memory refuses what begins with putting in, and what is due here makes room.
    redis.call('ZREM', KEYS[1], due[i])
    redis.call('ZADD', KEYS[1], string.format('%.0f', now + tonumber(ARGV[3])), due[i])
    due[i + 1] = redis.call('ZSCORE', KEYS[1], due[i])
  end
end
table.insert(due, 1, string.format('%.0f', now))
return due
