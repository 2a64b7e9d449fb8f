-- Gives a session a title.
local owner = redis.call('HGET', META, 'owner')
if not owner then
  return false
end
redis.call('HSET', META, 'title', ARGV[ARGS + 1], 'updated', int(now()), 'indexed', int(now()))
touch()
return { now(), owner }
