-- A piece of an owner's list, the latest changed first: session, score, session, score … KEYS: the owner's index.
-- args: highest, the highest score; skip, how many to skip; count.
-- A script, because the plain command's answer has another shape in each version of the protocol.
local index = unpack(KEYS)
return { 'sessions', redis.call('ZREVRANGEBYSCORE', index, args.highest, '-inf', 'WITHSCORES', 'LIMIT', args.skip, args.count) }
