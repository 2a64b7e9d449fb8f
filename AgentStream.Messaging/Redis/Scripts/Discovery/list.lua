-- Notes in an index when a session changed, or was erased, last; what is older than the retention goes. KEYS: the index.
-- args: session, at, retention (milliseconds).
local index = unpack(KEYS)
redis.call('ZADD', index, 'GT', args.at, args.session)
redis.call('ZREMRANGEBYSCORE', index, '-inf', int(args.at - args.retention * 1000))
redis.call('PEXPIRE', index, args.retention)
return {}
