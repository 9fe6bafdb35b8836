"""What a language model is told: templates as files, evidence fenced as data, a sentinel for "no answer in it"."""
