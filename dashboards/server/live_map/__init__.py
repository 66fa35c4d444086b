"""Show the network as it is now on one map: faults, sites, complaints and notices, and what to do first."""
