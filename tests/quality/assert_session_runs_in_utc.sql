-- The day of a moment depends on the session's time zone, so every target has to run in UTC.
select current_timezone() as time_zone
where current_timezone() not in ('UTC', 'Etc/UTC', 'Z', '+00:00')
