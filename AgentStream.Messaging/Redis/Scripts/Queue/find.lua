-- Looks a message up by its id, and writes nothing.
local message_id, fingerprint = unpack(ARGV, ARGS + 1, ARGS + 2)

local epoch, seq = unpack(redis.call('HMGET', META, 'epoch', 'seq'))
if not epoch then
  return { 'new' }
end
if has_lost(epoch, tonumber(seq)) then
  return { 'lost_entries' }
end
return find_message(message_id, fingerprint) or { 'new' }
