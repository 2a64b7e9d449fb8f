-- Gives a worker the run under way whose lease has run out, or else the first that waits,
-- with a new token and all that it needs to begin or to go on.
-- Who has just found Redis away brings patience: nobody could renew a lease meanwhile, and whoever has the run gets the time to.
local worker, lease, patience = ARGV[ARGS + 1], tonumber(ARGV[ARGS + 2]), tonumber(ARGV[ARGS + 3])

local epoch, seq, run_id, token, lease_end, claims, releases, first_started, parked, parked_for, kept_history =
  unpack(redis.call('HMGET', META, 'epoch', 'seq', 'run', 'token', 'lease', 'claims', 'releases', 'first_started', 'parked',
    'parked_for', 'history'))
if not epoch then
  return { 'none', now() }
end
if has_lost(epoch, tonumber(seq)) then
  return { 'lost_entries', now() }
end

local is_new = not run_id
if is_new then
  run_id = redis.call('LINDEX', WAITING, 0)
  if not run_id then
    return { 'none', now() }
  end
  claims, releases, first_started = 0, 0, int(now())
end

local run = run_of(run_id)
parked_for = tonumber(parked_for or '0')
if run.parked then
  local expiry = next_expiry()
  if expiry > 0 then
    return { 'parked', now(), expiry }
  end
  parked_for = parked_for + math.max(0, now() - tonumber(parked))
elseif not is_new and run.token ~= 0 then
  local free = math.max(tonumber(lease_end or '0'), patience > 0 and now() + patience or 0)
  if free > now() then
    return { 'leased', now(), free }
  end
end

epoch = go_on(epoch, tonumber(seq), kept_history)
token = tonumber(token) + 1
claims, releases = tonumber(claims) + 1, tonumber(releases)
redis.call('HSET', META, 'run', run_id, 'token', int(token), 'lease', int(now() + lease), 'claims', claims, 'releases', releases,
  'first_started', first_started, 'worker', worker, 'parked_for', int(parked_for), 'claimed_in', epoch)
redis.call('HDEL', META, 'parked', 'if_cancelled')
run.token, run.sequence, run.last, run.parked = token, 0, 0, false
keep_run(run)
keep_writer(run)
if is_new then
  redis.call('LPOP', WAITING)
end
touch()

local turns = {}
for _, turn in ipairs(redis.call('LRANGE', TURNS, 0, -1)) do
  local id = string.match(turn, '^(%S+)')
  turns[#turns + 1] = id
  turns[#turns + 1] = int(run_of(id).seq)
  turns[#turns + 1] = redis.call('HGET', TURN_DATA, id)
end

-- Whose text the worker has to take back: the steps, each with its first entry that counts, and the log from the first of those on.
local steps, from = {}, nil
local unsettled = redis.call('HGETALL', UNSETTLED)
for i = 1, #unsettled, 2 do
  local first = tonumber(string.match(unsettled[i + 1], '^%d+'))
  steps[#steps + 1] = unsettled[i]
  steps[#steps + 1] = int(first)
  from = from and math.min(from, first) or first
end
local entries = {}
if from then
  for _, entry in ipairs(redis.call('XRANGE', LOG, int(from), '+')) do
    entries[#entries + 1] = entry[2][2]
  end
end

local decisions = {}
for _, approval in ipairs(approvals()) do
  decisions[#decisions + 1] = approval.data
end

return {
  'claimed', now(), now() + lease, epoch, token, claims - releases, claims, tonumber(first_started), run.cancel and 1 or 0,
  redis.call('HGET', REQUESTS, run_id), redis.call('LRANGE', CHECKPOINTS, 0, -1), turns, steps, entries,
  parked_for, decisions, run_id,
}
