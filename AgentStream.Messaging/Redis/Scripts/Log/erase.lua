-- Removes a session.
-- Only the name of its epoch stays, for a minute: a message that is on its way must not begin a new session under the old name.
local epoch, owner = unpack(redis.call('HMGET', META, 'epoch', 'owner'))
if not epoch then
  return false
end
for i = 1, ALL_KEYS do
  redis.call('DEL', KEYS[i])
end
-- With a full memory this alone is refused; making room must work all the same.
redis.pcall('SET', GONE, epoch, 'PX', 60000)
redis.call('PUBLISH', live, 'R\n')
return { epoch, owner }
