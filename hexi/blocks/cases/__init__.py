"""Apply (办): somebody asks, offices handle it within legal clocks, it ends with a result that can be proved."""
