-- Puts the folded transcript in the place of the entries that it came from, unless somebody else did.
local expected_epoch, expected_trimmed, through, base = unpack(ARGV, ARGS + 1, ARGS + 4)
local epoch, trimmed = unpack(redis.call('HMGET', META, 'epoch', 'trimmed'))
if epoch ~= expected_epoch or trimmed ~= expected_trimmed then
  return 0
end
write_though_full()
redis.call('SET', BASE, base)
redis.call('HSET', META, 'trimmed', through)
local former = redis.call('HGET', META, 'former')
while former do
  -- No cursor in it can be served any more.
  local last, rest = string.match(former, '^%S+ (%d+) ?(.*)$')
  if not last or tonumber(last) >= tonumber(through) then
    break
  end
  former = rest ~= '' and rest or nil
  redis.call(former and 'HSET' or 'HDEL', META, 'former', former)
end
redis.call('XTRIM', LOG, 'MINID', int(tonumber(through) + 1) .. '-0')
local cut = redis.call('LINDEX', CUTS, 0)
while cut and tonumber(string.match(cut, '^%d+')) <= tonumber(through) do
  redis.call('LPOP', CUTS)
  cut = redis.call('LINDEX', CUTS, 0)
end
touch()
return 1
