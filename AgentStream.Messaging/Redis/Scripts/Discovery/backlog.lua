-- How much is due in an index (see due.lua), for people who watch. KEYS: the index.
-- Returns how many sessions, and for how many microseconds the first of them has been.
local index = unpack(KEYS)
local time = now()
local count, first = 0, tonumber(time)
for _, bound in ipairs({ { from = '-inf', to = '(1e12', unit = 1000000 }, { from = '1e12', to = time, unit = 1 } }) do
  count = count + redis.call('ZCOUNT', index, bound.from, bound.to)
  local _, oldest = unpack(redis.call('ZRANGEBYSCORE', index, bound.from, bound.to, 'WITHSCORES', 'LIMIT', 0, 1))
  if oldest then
    first = math.min(first, tonumber(oldest) * bound.unit)
  end
end
return { 'sessions', count, 'oldest', int(time - first) }
