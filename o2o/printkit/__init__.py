"""What a shop puts on its door, tables and counter: posters, stickers, cards, each with a code that leads here."""
