-- Stands before every script that writes to a session. Keys, arguments and formats: RedisKeys.cs and docs/redis.md.
-- Rule for all of them: check everything first, and let the first write be one that Redis refuses when its memory is full (HSET, XADD,
-- RPUSH, SET), so that a refused script has changed nothing. Scripts that make room, or take none, say so instead: write_though_full.
local META, LOG, RUNS, CHECKPOINTS, UNSETTLED, MESSAGES, WAITING, REQUESTS, TURNS, TURN_DATA, CUTS, BASE, APPROVALS, GONE = unpack(KEYS)
local ALL_KEYS = 13 -- GONE has an end of its own

local retention, live, signals = tonumber(ARGV[2]), ARGV[3], ARGV[4]
local known_epoch, known_seq, session_id = ARGV[5], ARGV[6], ARGV[7]
local ARGS = 7 -- the script's own arguments follow

-- Microseconds, asked for only where they are needed.
-- Leases go by the server's clock, unless a test brings its own (ARGV[1]); expiry always does.
local read_clock
local function clock()
  if not read_clock then
    local time = redis.call('TIME')
    read_clock = tonumber(time[1]) * 1000000 + tonumber(time[2])
  end
  return read_clock
end

local function now()
  return ARGV[1] ~= '' and tonumber(ARGV[1]) or clock()
end

local function int(number)
  return string.format('%.0f', number)
end

-- The caller was told of offsets that are not here: this server lost data.
local function has_lost(epoch, seq)
  return known_seq ~= '' and known_epoch == epoch and tonumber(known_seq) > seq
end

-- What each append of the claimed run changes, in one field of META: 'run token sequence last_offset flags',
-- so that an append reads and writes it together with the rest of what it needs. RUNS has these as of the last other change.
-- Absent where the run was claimed by a version that did not keep it.
local kept_writer
local function read_writer(text)
  local run, token, sequence, last, flags = string.match(text or '', '^(%S+) (%d+) (%d+) (%d+) (%a*)$')
  kept_writer = run and { run = run, token = tonumber(token), sequence = tonumber(sequence), last = tonumber(last), flags = flags } or false
  return kept_writer
end

local function writer_of(run_id, token)
  if kept_writer == nil then
    read_writer(redis.call('HGET', META, 'writer'))
  end
  return kept_writer and kept_writer.run == run_id and kept_writer.token == token and kept_writer or nil
end

local function flags_of(run)
  return (run.replaced and 'r' or '') .. (run.finished and 'f' or '') .. (run.cancel and 'c' or '') .. (run.parked and 'p' or '')
end

local function writer_text(run)
  return table.concat({ run.id, int(run.token), int(run.sequence), int(run.last), flags_of(run) }, ' ')
end

-- A run as RUNS keeps it: 'seq token sequence last_offset message_bytes flags', flags of r(eplaced) f(inished) c(ancel requested) p(arked).
local function run_of(id)
  local text = redis.call('HGET', RUNS, id)
  if not text then
    return nil
  end
  local seq, token, sequence, last, bytes, flags = string.match(text, '^(%d+) (%d+) (%d+) (%d+) (%d+) (%a*)$')
  local run = {
    id = id, seq = tonumber(seq), token = tonumber(token), sequence = tonumber(sequence), last = tonumber(last), bytes = tonumber(bytes),
    replaced = string.find(flags, 'r') ~= nil, finished = string.find(flags, 'f') ~= nil, cancel = string.find(flags, 'c') ~= nil,
    parked = string.find(flags, 'p') ~= nil,
  }
  local writer = writer_of(id, run.token)
  if writer then
    run.sequence, run.last = writer.sequence, writer.last
  end
  return run
end

-- A claim makes a new one; who gives the run back, or lost it with the epoch, leaves none.
local function keep_writer(run)
  local text = writer_text(run)
  redis.call('HSET', META, 'writer', text)
  read_writer(text)
end

local function forget_writer()
  redis.call('HDEL', META, 'writer', 'step')
  kept_writer = false
end

local function keep_run(run)
  local values = { int(run.seq), int(run.token), int(run.sequence), int(run.last), int(run.bytes), flags_of(run) }
  redis.call('HSET', RUNS, run.id, table.concat(values, ' '))
  if writer_of(run.id, run.token) then
    keep_writer(run)
  end
end

local MAX_FORMER = 2048 -- bytes: some hundred restarts within one replay window

local function former_with(former, epoch, seq)
  local all = (former and former ~= '' and former .. ' ' or '') .. epoch .. ' ' .. int(seq)
  while #all > MAX_FORMER do
    all = string.match(all, '^%S+ %d+ (.*)$')
  end
  return all
end

-- Before the first write of a script that adds entries or hands out a token. Where the server's history changed, it may have less
-- than it once told somebody (a restored backup, a power cut, a replica that took over): the log goes on under another epoch,
-- and the one before ends here. A lease stays what it was.
local function go_on(epoch, seq, kept)
  local current = history()
  if kept == current or current == '' then
    return epoch
  end
  local next_epoch = string.sub(redis.sha1hex(session_id .. ' ' .. epoch .. ' ' .. int(seq) .. ' ' .. current), 1, 12)
  redis.call('HSET', META, 'epoch', next_epoch, 'history', current, 'former', former_with(redis.call('HGET', META, 'former'), epoch, seq))
  redis.call('HSETNX', META, 'claimed_in', epoch)
  return next_epoch
end

-- What there is to say of a message whose id is known: the same message, or another one. nil: the id is new.
local function find_message(message_id, fingerprint)
  local known = redis.call('HGET', MESSAGES, message_id)
  if not known then
    return nil
  end
  local known_fingerprint, known_run = string.match(known, '^(%S+) (%S+)$')
  if known_fingerprint ~= fingerprint then
    return { 'conflict' }
  end
  return { 'duplicate', known_run, run_of(known_run).seq }
end

-- For scripts that make room, or take none: Redis refuses only the first write of a script when its memory is full,
-- so the first is one that it never refuses.
local function write_though_full()
  redis.call('HDEL', META, '')
end

-- Entries: the body is a frame without its offset; the offset goes in after the first brace, and is the id of the stream's entry.
local frames = {}

local function add_entry(seq, body)
  local frame = '{"seq":' .. int(seq) .. ',' .. string.sub(body, 2)
  redis.call('XADD', LOG, int(seq) .. '-0', 'f', frame)
  frames[#frames + 1] = frame
  return seq
end

-- Carries the entries themselves; too many bytes are only announced, and readers take them from the stream.
local function publish_entries(epoch, last)
  if #frames == 0 then
    return
  end
  local parts, bytes = { 'E ' .. epoch .. ' ' .. int(last - #frames + 1) .. ' ' .. int(last) .. '\n' }, 0
  for _, frame in ipairs(frames) do
    bytes = bytes + #frame
  end
  if bytes <= 1048576 then
    for _, frame in ipairs(frames) do
      parts[#parts + 1] = struct.pack('>I4', #frame) .. frame
    end
  end
  redis.call('PUBLISH', live, table.concat(parts))
end

local function announce_work()
  redis.call('PUBLISH', signals, 'w ' .. session_id)
end

local function announce_cancel(run_id)
  redis.call('PUBLISH', signals, 'c ' .. session_id .. ' ' .. run_id)
end

-- The questions of the run under way, as APPROVALS keeps them: call → 'p order expires arguments' while open, 'r order data' once resolved,
-- where data is that of its tool_approval_resolved. In the order in which they were asked.
local function approvals()
  local all = {}
  local kept = redis.call('HGETALL', APPROVALS)
  for i = 1, #kept, 2 do
    local state, order, rest = string.match(kept[i + 1], '^(%a) (%d+) (.*)$')
    local approval = { id = kept[i], order = tonumber(order), open = state == 'p' }
    if approval.open then
      local expires, arguments = string.match(rest, '^(%d+) (.*)$')
      approval.expires, approval.arguments = tonumber(expires), arguments
    else
      approval.data = rest
    end
    all[#all + 1] = approval
  end
  table.sort(all, function(a, b) return a.order < b.order end)
  return all
end

-- All keys of a session end at one moment.
-- It is moved on when a hundredth of the retention has gone by, by scripts that have all keys;
-- those that made no key need not write it otherwise.
-- A parked run writes nothing, so its session stays until its last open question has expired, and then as long as after a write:
-- somebody has to say so, and go on.
local function touch(made_none)
  local expires = tonumber(redis.call('HGET', META, 'expires') or '0')
  local last = clock()
  if redis.call('HEXISTS', META, 'parked') == 1 then
    for _, approval in ipairs(approvals()) do
      last = approval.open and math.max(last, approval.expires) or last
    end
  end
  local wanted = math.floor(last / 1000) + retention
  if wanted - expires > retention / 100 or expires > wanted then
    expires = wanted
    redis.call('HSET', META, 'expires', int(expires))
  elseif made_none then
    return
  end
  for i = 1, ALL_KEYS do
    redis.call('PEXPIREAT', KEYS[i], int(expires))
  end
end

-- When the first open question expires; 0 where none is open.
local function next_expiry()
  local first = 0
  for _, approval in ipairs(approvals()) do
    if approval.open and (first == 0 or approval.expires < first) then
      first = approval.expires
    end
  end
  return first
end

local function any_expired()
  local first = next_expiry()
  return first > 0 and first <= now()
end

-- What a body says: before its data there is no free text.
local function data_of(body)
  local _, last = string.find(body, '"data":', 1, true)
  return string.sub(body, last + 1, -2)
end

local function resolve(seq, approval, body)
  seq = add_entry(seq + 1, body)
  approval.open, approval.data = false, data_of(body)
  redis.call('HSET', APPROVALS, approval.id, 'r ' .. int(approval.order) .. ' ' .. approval.data)
  return seq
end

-- Says of all open questions (or of those whose time is over) what a body with two holes, run and call, says.
local function resolve_all(seq, run_id, head, middle, tail, only_expired)
  for _, approval in ipairs(approvals()) do
    if approval.open and (not only_expired or approval.expires <= now()) then
      seq = resolve(seq, approval, head .. run_id .. middle .. approval.id .. tail)
    end
  end
  return seq
end

-- The entries that end a parked run: its questions are closed, and it ends as its worker said that it would. finished_head
-- and _tail have their hole where the run is; what they themselves say of the end is not known here,
-- so that the worker's words take its place.
local function say_end_of_parked(seq, run_id, head, middle, tail, finished_head, finished_tail)
  seq = resolve_all(seq, run_id, head, middle, tail, false)
  local _, last = string.find(finished_tail, '"data":', 1, true)
  local said = redis.call('HGET', META, 'if_cancelled')
  return add_entry(seq + 1, finished_head .. run_id .. string.sub(finished_tail, 1, last) .. said .. '}')
end

-- A run is over: what only runs under way need goes, what it recorded becomes a turn of the conversation (the oldest turns give way,
-- the newest stays however large it is; conversation_bytes 0: none is kept), and the log may be cut here
-- if no other run is under way, unless no_cut.
-- Returns when the oldest place was made where it may be cut: this run may have been in its way.
local function finish_run(run, started, seq, conversation_bytes, no_cut)
  run.finished, run.parked = true, false
  keep_run(run)
  if started then
    if not run.replaced and conversation_bytes > 0 then
      local request = redis.call('HGET', REQUESTS, run.id)
      local parts, bytes = { struct.pack('>I4', #request) .. request }, run.bytes
      for _, checkpoint in ipairs(redis.call('LRANGE', CHECKPOINTS, 0, -1)) do
        parts[#parts + 1] = struct.pack('>I4', #checkpoint) .. checkpoint
        bytes = bytes + #checkpoint
      end
      redis.call('RPUSH', TURNS, run.id .. ' ' .. int(bytes))
      redis.call('HSET', TURN_DATA, run.id, table.concat(parts))
      local total = redis.call('HINCRBY', META, 'turn_bytes', int(bytes))
      while total > conversation_bytes and redis.call('LLEN', TURNS) > 1 do
        local oldest, size = string.match(redis.call('LPOP', TURNS), '^(%S+) (%d+)$')
        redis.call('HDEL', TURN_DATA, oldest)
        total = redis.call('HINCRBY', META, 'turn_bytes', '-' .. size)
      end
    end
    redis.call('DEL', CHECKPOINTS, UNSETTLED, APPROVALS)
    redis.call('HDEL', META, 'run', 'lease', 'claims', 'releases', 'first_started', 'worker', 'parked', 'parked_for',
      'if_cancelled', 'writer', 'step')
  else
    redis.call('LREM', WAITING, 1, run.id)
  end
  redis.call('HDEL', REQUESTS, run.id)
  redis.call('HINCRBY', META, 'unfinished', -1)
  if redis.call('HEXISTS', META, 'run') == 0 then
    if not no_cut then
      redis.call('RPUSH', CUTS, int(seq) .. ' ' .. int(now()))
    end
    if redis.call('EXISTS', WAITING) == 1 then
      announce_work()
    end
  end
  local oldest = redis.call('LINDEX', CUTS, 0)
  return oldest and tonumber(string.match(oldest, '%d+$')) or now()
end
