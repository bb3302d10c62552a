using System.Text;
using OrleansInstances.Testing;

namespace OrleansInstances.Hotkeys.Tests;

/// <summary>What other tests sign with is a hotkey like all others.</summary>
public sealed class TestHotkeyTests
{
    [NeedsSodiumFact]
    public void It_signs_what_is_verified()
    {
        var hotkey = new TestHotkey();
        var key = new byte[Sr25519.PublicKeyBytes];

        Assert.True(Ss58Address.TryParse(hotkey.Address, key));
        Assert.True(Sr25519.Verify(key, Encoding.UTF8.GetBytes("a message"), Convert.FromHexString(hotkey.Sign("a message"))));
    }
}
