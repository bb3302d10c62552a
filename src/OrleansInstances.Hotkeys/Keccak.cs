using System.Numerics;

namespace OrleansInstances.Hotkeys;

/// <summary>The permutation Keccak-f[1600] of FIPS 202.</summary>
internal static class Keccak
{
    /// <summary>Lanes of 64 bits; lane x, y is at x + 5 y.</summary>
    public const int Lanes = 25;

    private static readonly ulong[] RoundConstants =
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B, 0x0000000080000001,
        0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
        0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
        0x000000000000800A, 0x800000008000000A, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ];

    /// <summary>Rho and pi together: from lane 1 on, each lane goes to the next one's place, turned by so many bits.</summary>
    private static readonly (int Place, int Bits)[] Moves =
    [
        (10, 1), (7, 3), (11, 6), (17, 10), (18, 15), (3, 21), (5, 28), (16, 36), (8, 45), (21, 55), (24, 2), (4, 14),
        (15, 27), (23, 41), (19, 56), (13, 8), (12, 25), (2, 43), (20, 62), (14, 18), (22, 39), (9, 61), (6, 20), (1, 44),
    ];

    public static void Permute(Span<ulong> lanes)
    {
        Span<ulong> columns = stackalloc ulong[5];
        foreach (var constant in RoundConstants)
        {
            for (var x = 0; x < 5; x++)
            {
                columns[x] = lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20];
            }

            for (var x = 0; x < 5; x++)
            {
                var mixed = columns[(x + 4) % 5] ^ BitOperations.RotateLeft(columns[(x + 1) % 5], 1);
                for (var lane = x; lane < Lanes; lane += 5)
                {
                    lanes[lane] ^= mixed;
                }
            }

            var moving = lanes[1];
            foreach (var (place, bits) in Moves)
            {
                (moving, lanes[place]) = (lanes[place], BitOperations.RotateLeft(moving, bits));
            }

            for (var row = 0; row < Lanes; row += 5)
            {
                lanes.Slice(row, 5).CopyTo(columns);
                for (var x = 0; x < 5; x++)
                {
                    lanes[row + x] = columns[x] ^ (~columns[(x + 1) % 5] & columns[(x + 2) % 5]);
                }
            }

            lanes[0] ^= constant;
        }
    }
}
