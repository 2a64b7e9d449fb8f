-- Says for a while which agents a worker has. KEYS: the agents.
-- ARGV: now (tests only), how long it holds in microseconds, the worker and its agents, how all that this worker says begins.
local time = redis.call('TIME')
local now = ARGV[1] ~= '' and tonumber(ARGV[1]) or tonumber(time[1]) * 1000000 + tonumber(time[2])
for _, word in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if string.sub(word, 1, #ARGV[4]) == ARGV[4] then
    redis.call('ZREM', KEYS[1], word)
  end
end
redis.call('ZADD', KEYS[1], string.format('%.0f', now + tonumber(ARGV[2])), ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', tonumber(ARGV[2]) / 1000))
return 1
