-- Run by Dovecot 2.3.17 or newer, in its auth workers (who exists) and in every session (what happens to mailboxes).
-- URL and SECRET stand above.

local EVENTS_MAX = 100  -- told one by one in a transaction; of more only the last of each kind is
local client = dovecot.http.client({timeout = 2000, max_attempts = 1, connect_timeout = "1s"})

local function quoted(value)
  return (tostring(value):gsub("[^A-Za-z0-9]", function(c) return string.format("%%%02X", string.byte(c)) end))
end

local function form(fields)
  local parts = {}
  for name, value in pairs(fields) do parts[#parts + 1] = name .. "=" .. quoted(value) end
  return table.concat(parts, "&")
end

local function post(path, body)
  local request = client:request({url = URL .. path, method = "POST"})
  request:add_header("Authorization", "Bearer " .. SECRET)
  request:add_header("Content-Type", "application/x-www-form-urlencoded")
  request:set_payload(body)
  return request:submit()
end

function script_init() return 0 end
function script_deinit() end

function auth_userdb_lookup(request)
  local answer = post("/person", form({name = request.user}))
  if answer:status() == 200 then
    return dovecot.auth.USERDB_RESULT_OK, {user = answer:payload()}
  elseif answer:status() == 404 then
    return dovecot.auth.USERDB_RESULT_USER_UNKNOWN, "nobody of this name"
  end
  return dovecot.auth.USERDB_RESULT_INTERNAL_FAILURE, "Folkmoot does not answer: " .. answer:status()
end

function dovecot_lua_notify_begin_txn(user)
  return {user = user.username, events = {}, last = {}}
end

local function line(ctx, event)
  local fields = {event = event.name, user = ctx.user, mailbox = event.mailbox}
  if event.uid then fields.uid = string.format("%.0f", event.uid) end
  if event.uid_validity then fields.uidvalidity = string.format("%.0f", event.uid_validity) end
  if event.mailbox_old then fields.old = event.mailbox_old end
  if event.from then fields.from = event.from end
  if event.subject then fields.subject = event.subject end
  return form(fields)
end

local function arrived(ctx, event)
  if #ctx.events < EVENTS_MAX then
    ctx.events[#ctx.events + 1] = line(ctx, event)
  else
    ctx.last[event.name .. "\0" .. event.mailbox] = event
  end
end

-- Thousands may be marked or removed at once; that it happened is enough.
local function changed(ctx, event)
  ctx.last[event.name .. "\0" .. event.mailbox] = event
end

dovecot_lua_notify_event_message_new = arrived
dovecot_lua_notify_event_message_append = arrived
dovecot_lua_notify_event_message_expunge = changed
dovecot_lua_notify_event_flags_set = changed
dovecot_lua_notify_event_flags_clear = changed
dovecot_lua_notify_event_mailbox_create = arrived
dovecot_lua_notify_event_mailbox_delete = arrived
dovecot_lua_notify_event_mailbox_rename = arrived

function dovecot_lua_notify_end_txn(ctx, success)
  for _, event in pairs(ctx.last) do ctx.events[#ctx.events + 1] = line(ctx, event) end
  if #ctx.events == 0 then return end
  local answer = post("/delivered", table.concat(ctx.events, "\n"))
  if answer:status() ~= 204 then
    dovecot.i_warning("Folkmoot was not told of a change: " .. answer:status())
  end
end
