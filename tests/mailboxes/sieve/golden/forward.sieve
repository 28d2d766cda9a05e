redirect "a@example.net";
