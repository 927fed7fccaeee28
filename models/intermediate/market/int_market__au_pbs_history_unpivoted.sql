{{ config(materialized='table') }}

with

sheet_lines as (
    select * from {{ ref('stg_au_pbs__history') }}
),

-- commas in quotes are no separators: the odd pieces between quotes keep them, as another sign
cut as (
    select
        *,
        transform(
            split(
                array_join(
                    transform(
                        split(line_text, '"'),
                        (piece, place) -> if(place % 2 = 1, replace(piece, ',', chr(2)), piece)
                    ),
                    ''
                ),
                ','
            ),
            cell -> btrim(replace(cell, chr(2), ','))
        ) as cells
    from sheet_lines
),

-- what a line is, by its first cells
told as (
    select
        *,
        case
            when not exists(cells, cell -> cell != '') then 'BLANK'
            when
                cells[0] in ('SCRIPTS', 'GOVT COST $')
                and array_size(filter(cells, cell -> cell != '')) = 1
                then 'SECTION'
            when cells[0] = '' and cells[3] rlike '^[A-Z][a-z]{2}-[0-9]{2}$' then 'HEADER'
            when cells[0] != '' and cells[1] rlike '^[A-Z]' and cells[2] != '' then 'DATA'
            when cells[0] = '' then 'TOTAL'
            else 'TITLE'
        end as line_kind
    from cut
),

placed as (
    select
        *,
        last_value(if(line_kind = 'SECTION', cells[0], null))
            ignore nulls over lines_so_far
            as section_title,
        last_value(if(line_kind = 'HEADER', cells, null))
            ignore nulls over lines_so_far
            as header_cells
    from told
    window lines_so_far as (partition by _file_path order by _row_position)
),

data_cells as (
    select
        _file_path,
        _file_modified_at,
        _loaded_at,
        _typing_version,
        section_title,
        cells[0] as concession,
        cells[1] as atc_code,
        cells[2] as atc_name,
        header_cells[place + 3] as month_text,
        nullif(cell, '') as cell_text
    from placed
        lateral view posexplode(slice(cells, 4, greatest(array_size(cells) - 3, 0))) as place, cell
    where
        line_kind = 'DATA' and section_title is not null and header_cells[place + 3] != ''
),

typed as (
    select
        *,
        -- two digits of the year: the sheet begins in 1991
        make_date(
            cast(right(month_text, 2) as int) + if(right(month_text, 2) >= '70', 1900, 2000),
            array_position(
                split('Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec', ' '), left(month_text, 3)
            ),
            1
        ) as period_start_date,
        try_cast(replace(cell_text, ',', '') as decimal(18, 2)) as cell_value
    from data_cells
),

months as (
    select
        _file_path as file_path,
        concession,
        atc_code,
        atc_name,
        period_start_date,
        _typing_version as typing_version,
        max(if(section_title = 'SCRIPTS', cell_value, null)) as count_items,
        max(if(section_title = 'GOVT COST $', cell_value, null)) as amount_government_aud,
        count_if(cell_text is not null and cell_value is null) as count_bad_cells,
        max(_file_modified_at) as file_modified_at,
        max(_loaded_at) as loaded_at
    from typed
    group by _file_path, concession, atc_code, atc_name, period_start_date, _typing_version
),

-- a blank before the first script is "not listed yet", a blank after it a number that is missing
listed as (
    select
        *,
        max(count_items) over (
            partition by file_path, concession, atc_code order by period_start_date
        ) is not null as is_listed
    from months
)

select * from listed
