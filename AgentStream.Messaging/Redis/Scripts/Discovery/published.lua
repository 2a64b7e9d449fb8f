-- What workers say of their agents, the latest first. KEYS: the agents. ARGV: now (tests only).
local time = redis.call('TIME')
local now = ARGV[1] ~= '' and tonumber(ARGV[1]) or tonumber(time[1]) * 1000000 + tonumber(time[2])
return redis.call('ZREVRANGEBYSCORE', KEYS[1], '+inf', '(' .. string.format('%.0f', now))
