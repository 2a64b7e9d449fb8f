namespace AgentStream.Messaging.Embedded.Storage;

/// <content>Attachments: a row of each, and their parts.</content>
internal partial class SessionDatabase
{
    private const int RemovedAtOnce = 100;

    public string? OwnerOf(SessionId sessionId)
    {
        lock (_reading)
        {
            return _reader.Query("SELECT owner FROM sessions WHERE id = $1", row => row.GetString(0), sessionId.Value).FirstOrDefault();
        }
    }

    /// <summary>Keeps a part; with the first of them, the attachment has a row.</summary>
    public void PutPart(SessionId sessionId, AttachmentId id, int number, byte[] part, DateTimeOffset at)
        => Write(() =>
        {
            if (number == 0)
            {
                _writer.Run("INSERT INTO attachments VALUES ($1, $2, '', x'', 0, $3, 0)", sessionId.Value, id.Value, at.UtcTicks);
            }

            _writer.Run("INSERT INTO attachment_parts VALUES ($1, $2, $3, $4)", sessionId.Value, id.Value, number, _cipher.Seal(part));
        });

    /// <summary>
    /// Notes that all of an attachment is there. False: it is gone, or with it the session would have more than the limit.
    /// </summary>
    public bool Complete(StoredAttachment attachment, long limit)
    {
        var isKept = false;
        Write(() =>
        {
            var others = _writer.Scalar(
                "SELECT coalesce(sum(size), 0) FROM attachments WHERE session = $1", attachment.SessionId.Value) ?? 0;
            isKept = others + attachment.Size <= limit
                && _writer.Scalar(
                    "UPDATE attachments SET owner = $3, info = $4, size = $5 WHERE session = $1 AND id = $2 RETURNING size",
                    attachment.SessionId.Value, attachment.Id.Value, attachment.Owner.Value, _cipher.Seal(attachment.Info),
                    attachment.Size) is not null;
        });
        return isKept;
    }

    /// <summary>What is known of an attachment, as it was given; <c>null</c>: there is none.</summary>
    public byte[]? FindAttachment(SessionId sessionId, AttachmentId id, bool isSent)
    {
        lock (_reading)
        {
            return _reader.Query(
                "SELECT info FROM attachments WHERE session = $1 AND id = $2 AND sent = $3 AND size > 0",
                row => _cipher.Open((byte[])row[0]),
                sessionId.Value, id.Value, isSent ? 1 : 0).FirstOrDefault();
        }
    }

    public byte[]? GetPart(SessionId sessionId, AttachmentId id, int number)
    {
        lock (_reading)
        {
            return _reader.Query(
                "SELECT bytes FROM attachment_parts WHERE session = $1 AND id = $2 AND number = $3",
                row => _cipher.Open((byte[])row[0]),
                sessionId.Value, id.Value, number).FirstOrDefault();
        }
    }

    /// <summary>Removes an attachment that was not sent, whole or not.</summary>
    public void RemoveUnsent(SessionId sessionId, AttachmentId id) => Write(() => Remove(sessionId.Value, id.Value));

    /// <summary>Removes what was added by a time and not sent.</summary>
    public void RemoveUnsent(DateTimeOffset by)
    {
        List<(string Session, string Id)> unsent;
        lock (_reading)
        {
            unsent = _reader.Query(
                "SELECT session, id FROM attachments WHERE sent = 0 AND added <= $1 LIMIT $2",
                row => (row.GetString(0), row.GetString(1)),
                by.UtcTicks, RemovedAtOnce);
        }

        if (unsent.Count > 0)
        {
            Write(() => unsent.ForEach(one => Remove(one.Session, one.Id)));
        }
    }

    private void Remove(string session, string id)
    {
        // It may have been sent meanwhile.
        if (_writer.Scalar("DELETE FROM attachments WHERE session = $1 AND id = $2 AND sent = 0 RETURNING 1", session, id) is not null)
        {
            _writer.Run("DELETE FROM attachment_parts WHERE session = $1 AND id = $2", session, id);
        }
    }
}
