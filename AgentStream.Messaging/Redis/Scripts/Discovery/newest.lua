-- A piece of an owner's list, the latest changed first: session, score, session, score … KEYS: the owner's index.
-- ARGV: the highest score, how many to skip, how many.
-- A script, because the plain command's answer has another shape in each version of the protocol.
return redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[1], '-inf', 'WITHSCORES', 'LIMIT', ARGV[2], ARGV[3])
