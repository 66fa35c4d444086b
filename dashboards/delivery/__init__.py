"""Send the daily report to those who are not logged in: by mail, and by webhooks into group chats."""
