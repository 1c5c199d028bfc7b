"""How often each account was called about, by route: in all, and at most within any minute."""
import collections

MINUTE = 60


class Tally:
    """In memory only. Times are the sandbox's, so that moving its clock ends a minute."""

    def __init__(self):
        self.totals = collections.Counter()           # (account, route) -> calls
        self.peaks = collections.Counter()            # the same -> most calls within one minute
        self.recent = collections.defaultdict(collections.deque)

    def add(self, account, route, now):
        key = account, route
        times = self.recent[key]
        times.append(now)
        while times[0] <= now - MINUTE:
            times.popleft()
        self.totals[key] += 1
        self.peaks[key] = max(self.peaks[key], len(times))

    def show(self, account):
        return {route: {"total": total, "minute_peak": self.peaks[account, route]}
                for (owner, route), total in self.totals.items() if owner == account}
