namespace OrleansInstances.Hotkeys;

/// <summary>
/// The part of STROBE-128/1600 (strobe.sourceforge.io/specs, version 1.0.2) that Merlin needs: additional data, and pseudorandom
/// bytes of all that went in before.
/// </summary>
internal sealed class Strobe
{
    private const int Rate = 166;

    /// <summary>An operation's flags, by the names of the specification.</summary>
    [Flags]
    private enum Operation : byte
    {
        I = 1,
        A = 2,
        C = 4,
        M = 16,
        K = 32,
    }

    private readonly ulong[] _lanes = new ulong[Keccak.Lanes];
    private int _position;

    /// <summary>Where the operation under way began, from 1; 0 when that was before the last permutation.</summary>
    private int _begin;

    public Strobe(ReadOnlySpan<byte> protocol)
    {
        ReadOnlySpan<byte> initial = [1, Rate + 2, 1, 0, 1, 96, .. "STROBEv1.0.2"u8];
        for (var at = 0; at < initial.Length; at++)
        {
            Mix(at, initial[at]);
        }

        Keccak.Permute(_lanes);
        AddMeta(protocol);
    }

    /// <summary>meta-AD.</summary>
    /// <param name="more">Goes on with the operation before.</param>
    public void AddMeta(ReadOnlySpan<byte> data, bool more = false)
    {
        if (!more)
        {
            Begin(Operation.M | Operation.A);
        }

        Absorb(data);
    }

    /// <summary>AD.</summary>
    public void Add(ReadOnlySpan<byte> data)
    {
        Begin(Operation.A);
        Absorb(data);
    }

    /// <summary>PRF.</summary>
    public void Squeeze(Span<byte> output)
    {
        Begin(Operation.I | Operation.A | Operation.C);
        for (var at = 0; at < output.Length; at++)
        {
            output[at] = (byte)(_lanes[_position / 8] >> Shift(_position));
            _lanes[_position / 8] &= ~(0xFFUL << Shift(_position));
            Advance();
        }
    }

    private void Begin(Operation operation)
    {
        var before = _begin;
        _begin = _position + 1;
        Absorb([(byte)before, (byte)operation]);
        if ((operation & (Operation.C | Operation.K)) != 0 && _position != 0)
        {
            Run();
        }
    }

    private void Absorb(ReadOnlySpan<byte> data)
    {
        foreach (var value in data)
        {
            Mix(_position, value);
            Advance();
        }
    }

    private void Advance()
    {
        if (++_position == Rate)
        {
            Run();
        }
    }

    /// <summary>The specification's F.</summary>
    private void Run()
    {
        Mix(_position, (byte)_begin);
        Mix(_position + 1, 0x04);
        Mix(Rate + 1, 0x80);
        Keccak.Permute(_lanes);
        _position = _begin = 0;
    }

    private void Mix(int at, byte value) => _lanes[at / 8] ^= (ulong)value << Shift(at);

    private static int Shift(int at) => at % 8 * 8;
}
