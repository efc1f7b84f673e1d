"""Something limited is offered, held, booked: appointments at a window, and the numbers of the day's queue."""
