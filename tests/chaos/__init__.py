"""What happens when things go wrong: real servers, real faults, and a checker that reads what everybody saw."""
