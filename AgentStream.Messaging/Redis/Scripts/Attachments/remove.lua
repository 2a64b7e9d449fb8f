-- Removes an attachment that no message has named, whole or not. KEYS: uploads. args: id; parts, how many it may have.
local uploads = unpack(KEYS)
local size = redis.call('HGET', uploads, args.id .. '/size')
if size then
  redis.call('HINCRBY', uploads, 'bytes', int(-size))
end
redis.call('HDEL', uploads, args.id, args.id .. '/size')
for part = 0, args.parts - 1 do
  redis.call('HDEL', uploads, args.id .. '/' .. int(part))
end
return {}
