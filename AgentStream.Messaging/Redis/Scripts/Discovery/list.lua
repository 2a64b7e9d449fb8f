-- Notes when a session of an owner changed last; what is older than the retention has expired. KEYS: the owner's index.
-- ARGV: the session, when, the retention in milliseconds.
redis.call('ZADD', KEYS[1], 'GT', ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', tonumber(ARGV[2]) - tonumber(ARGV[3]) * 1000))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
