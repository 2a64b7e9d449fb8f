-- What is due in an index (a sorted set of sessions by the time at which to look at them). KEYS: the index. ARGV: now (tests only), how many, and by how
-- many microseconds to put off what is handed out, so that others do not take it too (0: not at all). Returns now, then session and score of each.
local time = redis.call('TIME')
local now = ARGV[1] ~= '' and tonumber(ARGV[1]) or tonumber(time[1]) * 1000000 + tonumber(time[2])
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'WITHSCORES', 'LIMIT', 0, ARGV[2])
if tonumber(ARGV[3]) > 0 then
  for i = 1, #due, 2 do
    redis.call('ZADD', KEYS[1], string.format('%.0f', now + tonumber(ARGV[3])), due[i])
    due[i + 1] = redis.call('ZSCORE', KEYS[1], due[i])
  end
end
table.insert(due, 1, string.format('%.0f', now))
return due
