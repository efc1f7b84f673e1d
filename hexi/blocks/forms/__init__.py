"""Forms: definitions, conditions, answers, drafts; one evaluator for permits, orders and entry of figures."""
