package store

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// The row form of backups: one JSON array a row, in the order of the columns. An integer and a real are numbers, a
// boolean is true or false, a text is a string, bytes are a string in base64, and what is not there is null. A text that
// is not UTF-8, which only SQLite can hold, is {"bytes": base64}. The same row is always the same bytes.

const lowerHex = "0123456789abcdef"

// AppendRow appends the form of a row, without a line break.
func AppendRow(to []byte, row []any) []byte {
	to = append(to, '[')
	for i, value := range row {
		if i > 0 {
			to = append(to, ',')
		}
		switch v := value.(type) {
		case nil:
			to = append(to, "null"...)
		case int64:
			to = strconv.AppendInt(to, v, 10)
		case float64:
			to = strconv.AppendFloat(to, v, 'g', -1, 64)
		case bool:
			to = strconv.AppendBool(to, v)
		case []byte:
			to = appendBase64(to, v)
		case string:
			if utf8.ValidString(v) {
				to = appendText(to, v)
			} else {
				to = append(appendBase64(append(to, `{"bytes":`...), []byte(v)), '}')
			}
		}
	}
	return append(to, ']')
}

func appendBase64(to, v []byte) []byte {
	to = append(to, '"')
	to = base64.StdEncoding.AppendEncode(to, v)
	return append(to, '"')
}

func appendText(to []byte, text string) []byte {
	to = append(to, '"')
	from := 0
	for i := range len(text) {
		c := text[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		to = append(to, text[from:i]...)
		if c < 0x20 {
			to = append(to, '\\', 'u', '0', '0', lowerHex[c>>4], lowerHex[c&0xf])
		} else {
			to = append(to, '\\', c)
		}
		from = i + 1
	}
	return append(append(to, text[from:]...), '"')
}

// ParseRow reads what AppendRow wrote.
func ParseRow(columns []Column, text []byte) ([]any, error) {
	var cells []json.RawMessage
	if err := json.Unmarshal(text, &cells); err != nil {
		return nil, fmt.Errorf("read a row: %w", err)
	}
	if len(cells) != len(columns) {
		return nil, fmt.Errorf("a row has %d values for %d columns", len(cells), len(columns))
	}
	row := make([]any, len(cells))
	for i, cell := range cells {
		value, err := parseCell(columns[i].Type, cell)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", columns[i].Name, err)
		}
		row[i] = value
	}
	return row, nil
}

func parseCell(column Type, cell json.RawMessage) (any, error) {
	if bytes.Equal(cell, []byte("null")) {
		return nil, nil
	}
	switch column {
	case Integer:
		return strconv.ParseInt(string(cell), 10, 64)
	case Real:
		return strconv.ParseFloat(string(cell), 64)
	case Boolean:
		return strconv.ParseBool(string(cell))
	case Bytes:
		var v []byte
		err := json.Unmarshal(cell, &v)
		return v, err
	case Text:
		if len(cell) > 0 && cell[0] == '{' {
			var v struct{ Bytes []byte }
			err := json.Unmarshal(cell, &v)
			return string(v.Bytes), err
		}
		var v string
		err := json.Unmarshal(cell, &v)
		return v, err
	}
	return nil, fmt.Errorf("%q is no type of a column", column)
}
