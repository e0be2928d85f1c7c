"""What a service keeps: scenarios with their files, jobs with their answers, saved plans; in one SQLite file."""
