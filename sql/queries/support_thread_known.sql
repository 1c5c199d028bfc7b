-- support_thread_known: the thread of a word
SELECT id
  FROM support_thread
 WHERE word_hash = $1::bytea
