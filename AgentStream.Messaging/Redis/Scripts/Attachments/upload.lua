-- Keeps a part of an attachment that is being added. KEYS: uploads.
-- args: id, number, part; lifetime (milliseconds).
local uploads = unpack(KEYS)
redis.call('HSET', uploads, args.id .. '/' .. args.number, args.part)
redis.call('PEXPIRE', uploads, args.lifetime)
return {}
