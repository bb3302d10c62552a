using OrleansInstances.Launches;

namespace OrleansInstances.Grains.Launches;

/// <summary>Who gets a launch config.</summary>
public static class IssueRules
{
    /// <summary>Miners in the race for one job.</summary>
    private const int MaxRacers = 15;

    public static LaunchDecision Decide(LaunchFacts facts, LaunchRequest request, Guid configId, string envKey, DateTimeOffset now)
    {
        if (facts.Config is not null)
        {
            return new LaunchDecision();
        }

        if (MinerRules.Refuse(facts.Miner, request.Hotkey) is { } refusal)
        {
            return refusal;
        }

        if (facts.Chute is not { } chute)
        {
            return MinerRules.NoChute(request.ChuteId);
        }

        if ((request.JobId is { } jobId ? RefuseRace(facts.Job, request, jobId) : LaunchCapacity.Refuse(chute, facts.Population)) is { } no)
        {
            return no;
        }

        return new LaunchDecision
        {
            Config = LaunchLifecycle.Issue(configId, envKey, chute, facts.Miner!, facts.Job?.Job, now),
            Job = facts.Job is { } job ? job with { Racers = job.Racers.Add(request.Hotkey) } : null,
        };
    }

    private static LaunchRefusal? RefuseRace(StoredChuteJob? job, LaunchRequest request, string jobId) => job switch
    {
        null => new LaunchRefusal(LaunchRefusalKind.NotFound, $"Job {jobId} for chute {request.ChuteId} not found"),
        _ when job.Job.ChuteId != request.ChuteId => new LaunchRefusal(LaunchRefusalKind.NotFound, $"Job {jobId} for chute {request.ChuteId} not found"),
        { Racers.Length: >= MaxRacers } => new LaunchRefusal(LaunchRefusalKind.AtCapacity, $"Job {jobId} is already in a race between {job.Racers.Length} miners"),
        _ when job.Racers.Contains(request.Hotkey) => new LaunchRefusal(LaunchRefusalKind.Forbidden, $"Your hotkey has already attempted to claim job_id='{jobId}'"),
        _ => null,
    };
}
