using System.Buffers.Binary;

namespace OrleansInstances.Hotkeys;

/// <summary>Merlin's transcript (merlin.cool): what both sides of a proof say, and challenges that follow from all of it.</summary>
internal sealed class Transcript
{
    private readonly Strobe _strobe = new("Merlin v1.0"u8);

    public Transcript(ReadOnlySpan<byte> label) => Append("dom-sep"u8, label);

    public void Append(ReadOnlySpan<byte> label, ReadOnlySpan<byte> message)
    {
        Announce(label, message.Length);
        _strobe.Add(message);
    }

    /// <summary>Fills all of it.</summary>
    public void Challenge(ReadOnlySpan<byte> label, Span<byte> challenge)
    {
        Announce(label, challenge.Length);
        _strobe.Squeeze(challenge);
    }

    private void Announce(ReadOnlySpan<byte> label, int length)
    {
        Span<byte> lengthBytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteInt32LittleEndian(lengthBytes, length);
        _strobe.AddMeta(label);
        _strobe.AddMeta(lengthBytes, more: true);
    }
}
