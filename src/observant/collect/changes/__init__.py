"""Change events from the providers' own logs: CloudTrail in folders, buckets, LookupEvents and Lake; Entra; Azure."""
