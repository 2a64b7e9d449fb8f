-- How much is due in an index (see due.lua), for people who watch. KEYS: the index. ARGV: now (tests only).
-- Returns how many sessions, and for how many microseconds the first of them has been.
local time = redis.call('TIME')
local now = ARGV[1] ~= '' and tonumber(ARGV[1]) or tonumber(time[1]) * 1000000 + tonumber(time[2])
local bounds = { { '-inf', '(1e12', 1000000 }, { '1e12', string.format('%.0f', now), 1 } }
local count, first = 0, now
for _, bound in ipairs(bounds) do
  count = count + redis.call('ZCOUNT', KEYS[1], bound[1], bound[2])
  local oldest = redis.call('ZRANGEBYSCORE', KEYS[1], bound[1], bound[2], 'WITHSCORES', 'LIMIT', 0, 1)
  if oldest[2] then
    first = math.min(first, tonumber(oldest[2]) * bound[3])
  end
end
return { count, string.format('%.0f', now - first) }
