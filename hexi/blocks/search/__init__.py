"""One index for everything a person may look for; Chinese by character bigrams, pinyin and initials."""
