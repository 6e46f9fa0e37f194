package templates

// talkKeys are the keys of files, words and drawings that are put together.
func talkKeys() map[string][]string {
	return map[string][]string{
		"talk.":              {"add_photo", "add_document", "hint_photo", "hint_document", "dated_photo", "dated_document", "of_photo", "of_document"},
		"ticket.":            {"history_moves", "history_talk", "history_files", "history_papers", "history_lights"},
		"action.attachment.": {"add", "withdraw"},
		"action.comment.":    {"add", "withdraw"},
		"object.":            {"attachment", "comment"},
		"move.":              {"comment"},
		"kind.":              {"photo", "document"},
		"done.":              {"file_added", "file_withdrawn", "comment_added", "comment_withdrawn"},
		"column.attachment.": {"sha256"},
		"column.": {"caption", "dated_on", "media_type", "size", "sent_sha256", "thumb_sha256", "width", "height", "added_by", "added_at", "withdrawn_by", "withdrawn_at", "withdrawn_why",
			"body", "mentions", "reply_to"},
		"fault.": {"uploads_off", "file_none", "file_empty", "file_large", "file_kind", "file_secret", "file_lost", "photo_kind", "photo_heic", "photo_broken", "photo_pixels", "already_withdrawn"},
	}
}
