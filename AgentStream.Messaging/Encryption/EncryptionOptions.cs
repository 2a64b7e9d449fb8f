namespace AgentStream.Messaging.Encryption;

/// <summary>Encryption of what is kept: section <c>AgentStream:Encryption</c>. The same for every API server and worker.</summary>
internal sealed class EncryptionOptions
{
    public const string Section = "AgentStream:Encryption";

    /// <summary>
    /// Whether what is said is encrypted before it is kept. Default false; it costs processor time and space, see docs/security.md.
    /// What was kept before stays as it is, and both are read.
    /// </summary>
    public bool Enabled { get; set; }

    /// <summary>
    /// The directory of the keys, shared by all processes; a relative path counts from the content root. Keys make themselves.
    /// Needed where <see cref="Enabled"/> is true, and for as long as anything encrypted is to be read.
    /// Without them it is lost: they belong into a backup, and not into that of the store.
    /// </summary>
    public string KeyDirectory { get; set; } = "";

    /// <summary>
    /// A file in PEM with a certificate and its private key (RSA), with which the keys themselves are encrypted.
    /// Default: none, and whoever reads <see cref="KeyDirectory"/> has them.
    /// </summary>
    public string CertificateFile { get; set; } = "";
}
