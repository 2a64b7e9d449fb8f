-- Says that all parts of an attachment are there, unless the session would have more than its limit. KEYS: uploads, meta.
-- args: id, parts, size, info, limit (bytes); lifetime (milliseconds).
local uploads, meta = unpack(KEYS)
local others = (redis.call('HGET', uploads, 'bytes') or 0) + (redis.call('HGET', meta, 'attached') or 0)
if others + args.size > tonumber(args.limit) then
  return { 'status', 'full' }
end
if redis.call('HEXISTS', uploads, args.id .. '/' .. int(args.parts - 1)) == 0 then
  return { 'status', 'gone' }
end
redis.call('HSET', uploads, args.id, args.info, args.id .. '/size', args.size)
redis.call('HINCRBY', uploads, 'bytes', args.size)
redis.call('PEXPIRE', uploads, args.lifetime)
return { 'status', 'complete' }
