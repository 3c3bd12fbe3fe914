"""Mail: read from files and IMAP folders, sent by SMTP."""
