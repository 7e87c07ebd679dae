"""What the evaluation service stores. Points are whole ten-thousandths, of deductions hundredths; money is fen."""
