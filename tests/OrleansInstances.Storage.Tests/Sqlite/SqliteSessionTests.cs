using Microsoft.Data.Sqlite;
using OrleansInstances.Storage.Sqlite;

namespace OrleansInstances.Storage.Tests.Sqlite;

public sealed class SqliteSessionTests
{
    [Fact]
    public void Statements_of_any_number_of_texts_are_kept_up_to_a_bound()
    {
        var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        using var session = new SqliteSession(connection);

        for (var i = 0L; i < 1000; i++)
        {
            Assert.Equal(i, session.Scalar($"SELECT {i}"));
            Assert.Equal(7L, session.Scalar("SELECT @x", ("@x", 7)));
        }

        Assert.InRange(session.Kept, 1, 256);
    }
}
