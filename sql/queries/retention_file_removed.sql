-- retention_file_removed: that file is gone
DELETE FROM file_removal
 WHERE file = $1
