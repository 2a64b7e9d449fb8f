-- Where many sessions stand, in one command. KEYS: their meta keys. Returns epoch and last offset of each, empty where there is none.
local heads = {}
for _, meta in ipairs(KEYS) do
  local epoch, seq = unpack(redis.call('HMGET', meta, 'epoch', 'seq'))
  heads[#heads + 1] = epoch or ''
  heads[#heads + 1] = seq or '0'
end
return { 'heads', heads }
